# The unit tests of src/store: two lines for each source file.
