# The unit tests of src/server: two lines for each source file.
