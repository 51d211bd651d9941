# The unit tests of src/zone: two lines for each source file.
