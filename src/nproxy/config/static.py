"""Static files outside development: hashed names, compressed, fit for a year in every cache."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the relative imports of ES modules, so that no page needs an import map."""

    support_js_module_import_aggregation = True
