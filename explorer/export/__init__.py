"""Taking maps out: pictures and arrays."""
