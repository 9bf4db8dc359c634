"""Real pictures from words: seeded by the prompt, in its colours, with its words on them."""
