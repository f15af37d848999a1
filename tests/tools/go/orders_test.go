package orders

import "testing"

func TestPriority(t *testing.T) {
	if Priority(&Order{Overdue: true, Critical: true}) != "high" || Priority(&Order{}) != "low" {
		t.Fatal("priority")
	}
}

func TestTotal(t *testing.T) {
	if Total([]Order{{Hours: 1}}) != 0 {
		t.Fatal("total")
	}
}
