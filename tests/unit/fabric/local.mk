# The unit tests of src/fabric: two lines for each source file.
