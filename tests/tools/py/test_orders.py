from orders import priority, total


def test_priority():
    assert priority({"overdue": True, "critical": True}) == "high"
    assert priority({}) == "none"


def test_total():
    assert total([{"status": "DONE", "hours": 2}, {"status": "HOLD"}]) == 2
