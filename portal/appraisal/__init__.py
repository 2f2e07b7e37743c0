"""考评: the evaluated unit and the finance bureau each fill a sheet on the firm; the mean is its score."""
