"""Visual graphs: one record, ``SceneGraph``, from every source there is."""
