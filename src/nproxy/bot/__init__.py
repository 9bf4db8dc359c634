"""The Telegram bot: a process of its own, and the only one that pays for aiogram."""
