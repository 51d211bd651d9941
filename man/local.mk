# The manual pages, in mdoc.
