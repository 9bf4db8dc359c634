"""The first page: is the pool healthy, are people waiting, is money coming in, is anything waiting for me."""
