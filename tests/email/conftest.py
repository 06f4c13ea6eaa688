from tests.installation import _template, installation  # noqa: F401
from tests.property_centre import _founded, cast, db, signed_in  # noqa: F401
