# The unit tests of src/registry: two lines for each source file.
