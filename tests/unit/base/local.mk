# The unit tests of src/base: two lines for each source file.
