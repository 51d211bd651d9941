# The unit tests of src/cmd: two lines for each source file.
