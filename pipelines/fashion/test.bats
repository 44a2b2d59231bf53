load ../../tests/pipelines
