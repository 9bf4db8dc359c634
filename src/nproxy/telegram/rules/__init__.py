"""What the Telegram room knows without asking anyone: codes, waits, words; pure values and functions."""
