package vet

import "fmt"

// F has two mistakes.
func F() {
	fmt.Printf("%d\n", "text")
	var x int
	x = x
	fmt.Printf("%s\n")
}
