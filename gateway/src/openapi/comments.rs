//! Comments of the contract, by where they stand.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, EnumValueDescriptor, FieldDescriptor, MessageDescriptor, MethodDescriptor,
    ServiceDescriptor,
};

/// Comments by file and path.
pub(crate) struct Comments(HashMap<(String, Vec<i32>), String>);

impl Comments {
    /// All of a pool.
    pub(crate) fn of(pool: &DescriptorPool) -> Self {
        let mut all = HashMap::new();
        for file in pool.file_descriptor_protos() {
            for place in file.source_code_info.iter().flat_map(|it| &it.location) {
                if let Some(text) = &place.leading_comments {
                    let lines: Vec<_> = text.lines().map(str::trim).collect();
                    let text = lines.join("\n").trim().to_owned();
                    all.insert((file.name().to_owned(), place.path.clone()), text);
                }
            }
        }
        Self(all)
    }

    fn at(&self, file: &str, path: &[i32]) -> String {
        self.0
            .get(&(file.to_owned(), path.to_vec()))
            .cloned()
            .unwrap_or_default()
    }

    /// What a service is.
    pub(crate) fn of_service(&self, it: &ServiceDescriptor) -> String {
        self.at(it.parent_file().name(), it.path())
    }

    /// What a method does.
    pub(crate) fn of_method(&self, it: &MethodDescriptor) -> String {
        self.at(it.parent_service().parent_file().name(), it.path())
    }

    /// What a message is.
    pub(crate) fn of_message(&self, it: &MessageDescriptor) -> String {
        self.at(it.parent_file().name(), it.path())
    }

    /// What a field is.
    pub(crate) fn of_field(&self, it: &FieldDescriptor) -> String {
        self.at(it.parent_file().name(), it.path())
    }

    /// What an enum is.
    pub(crate) fn of_enum(&self, it: &EnumDescriptor) -> String {
        self.at(it.parent_file().name(), it.path())
    }

    /// What a value of an enum means.
    pub(crate) fn of_value(&self, it: &EnumValueDescriptor) -> String {
        self.at(it.parent_file().name(), it.path())
    }
}
