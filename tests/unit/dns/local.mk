# The unit tests of src/dns: two lines for each source file.
