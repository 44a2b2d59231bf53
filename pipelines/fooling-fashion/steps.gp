# Steps from the noise of one class, a row, to each other, a column.
down = 'noise classified as'
across = 'becomes'
call 'pipelines/lib/confusion.gp' ARG1 ARG2
