module.exports = [
  { files: ['bad.js'], rules: { 'no-undef': 'error', 'no-unused-vars': 'warn', eqeqeq: 'error', 'no-debugger': 'error', 'no-var': 'warn' } },
];
