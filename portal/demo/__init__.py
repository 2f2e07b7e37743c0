"""示例数据: a world to look around in, made by the actions of its people; refused in production."""
