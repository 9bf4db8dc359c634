"""How dates look where no page says it itself: on the operators' pages."""
