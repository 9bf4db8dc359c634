"""A stand-in for NOWPayments: its wire with its odd types, its signatures, and a page to play the payer."""
