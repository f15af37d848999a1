"""Work orders by their state."""


def priority(order):
    if not order:
        return "none"
    if order.get("overdue") and order.get("critical"):
        return "high"
    return "medium" if order.get("overdue") else "low"


def total(orders, field="hours"):
    result = 0
    for order in orders:
        if order["status"] == "DONE":
            result += order[field]
        elif order["status"] == "OPEN":
            result += order.get(field, 0)
    return result


def never():
    return "never called"
