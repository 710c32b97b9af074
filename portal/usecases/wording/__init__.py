"""Terms in plain words: sentences and tables as frozen values, which every page, file and feed can show."""
