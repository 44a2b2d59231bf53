# The median least bound of the images of a class, a row, towards each other, a column.
down = 'true'
across = 'target'
call 'pipelines/lib/confusion.gp' ARG1 ARG2
