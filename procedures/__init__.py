"""The catalog: what a commune handles, which papers a situation needs, and how to find it. Pure and synchronous."""
