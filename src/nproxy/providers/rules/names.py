"""What operators may call things, and what a secret may look like."""

from __future__ import annotations

import re

LABEL = re.compile(r"[^\W_][\w .:@+-]{0,63}")
# Secrets have no known form; providers change theirs.
SECRET = re.compile(r"[\x21-\x7e]{8,512}")
