"""What is compared with Keras, a file an area: the cases as a table, and what is done with each."""
