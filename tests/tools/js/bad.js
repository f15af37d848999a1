var unused = 1;
undefinedThing();
if (a == 1) {
  debugger;
}
