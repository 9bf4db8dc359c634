"""Catalogues of translations: taken from the sources, written, compiled and checked with Babel, without gettext's programs."""
