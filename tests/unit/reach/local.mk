# The unit tests of src/reach: one program for each source file.
