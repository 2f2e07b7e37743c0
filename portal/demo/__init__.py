"""示例数据: a world to look around in, made by calling the actions as its people would; refused in production."""
