"""What source and target of HTCondor share: a child that loads the bindings, and the words of both."""
