# The unit tests of src/registrant: one program for each source file.
