"""The catalogue of queues of the LHC experiments and others: AGIS until 2020, CRIC since."""
