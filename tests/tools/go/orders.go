package orders

// Order is a work order.
type Order struct {
	Overdue, Critical bool
	Hours             int
}

// Priority of an order.
func Priority(o *Order) string {
	if o == nil {
		return "none"
	}
	if o.Overdue && o.Critical {
		return "high"
	}
	if o.Overdue {
		return "medium"
	}
	return "low"
}

// Total hours.
func Total(orders []Order) int {
	total := 0
	for _, o := range orders {
		if o.Overdue {
			total += o.Hours
		}
	}
	return total
}

// Never is not called.
func Never() string { return "never" }
