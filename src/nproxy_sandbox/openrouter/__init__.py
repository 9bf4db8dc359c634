"""OpenRouter's wire: pictures by one POST, models, and what a key may still spend."""
