//! The pages, one file each; what only one page needs stands beside it.

mod add_device;
mod answer;
mod ask;
mod connect;
mod devices;
mod login;
mod not_found;
mod now;
mod now_list;
mod sessions;
mod settings;
mod signup;
mod usage;
mod usage_data;
mod usage_list;

pub(crate) use ask::Ask;
pub(crate) use devices::Devices;
pub(crate) use login::Login;
pub(crate) use not_found::NotFound;
pub(crate) use now::Now;
pub(crate) use settings::Settings;
pub(crate) use signup::Signup;
pub(crate) use usage::Usage;
