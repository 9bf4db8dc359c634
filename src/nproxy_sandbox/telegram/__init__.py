"""A stand-in for the Telegram Bot API, with phones that people can play."""
