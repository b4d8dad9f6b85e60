"""Raw payloads as received: kept once, processed once; what could not be read waits in quarantine."""
