"""The drawn sample district: an invented place, put together from a hand-drawn plan and one fixed seed."""
