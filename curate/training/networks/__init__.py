"""The networks there are, how one is built, and where its pretrained weights are found."""
