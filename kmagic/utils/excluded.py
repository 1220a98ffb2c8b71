"""Functions of Keras's `utils` that are outside the surface."""

from __future__ import annotations

_IMAGES = "PIL.Image, and kmagic.utils.img_to_array for what it opens"
_READ = "arrays read once, or a kmagic.utils.PyDataset that reads a batch at a time"
_OWN = "parts that are passed as they are, and custom_objects of deserialize and from_config"

# name -> what it needs, and what serves instead
EXCLUDED = {
    "array_to_img": ("Pillow", "PIL.Image.fromarray(pixels.astype('uint8'))"),
    "audio_dataset_from_directory": ("readers of sound files", _READ),
    "custom_object_scope": ("a register of objects", _OWN),
    "get_custom_objects": ("a register of objects", _OWN),
    "get_file": ("a download", "urllib.request.urlretrieve"),
    "image_dataset_from_directory": ("readers of image files", _READ),
    "load_img": ("Pillow", _IMAGES),
    "model_to_dot": ("Graphviz", "kmagic.utils.plot_model, which gives the picture itself"),
    "register_keras_serializable": ("a register of objects", _OWN),
    "save_img": ("Pillow", "PIL.Image.fromarray(pixels.astype('uint8')).save(path)"),
    "text_dataset_from_directory": ("readers of folders", _READ),
}
