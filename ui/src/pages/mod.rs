//! The pages, one file each; what only one page needs stands beside it.

mod add_device;
mod answer;
mod answer_actions;
mod ask;
mod connect;
mod costs;
mod costs_budget;
mod costs_parts;
mod device;
mod device_figures;
mod device_quality;
mod devices;
mod login;
mod not_found;
mod now;
mod now_list;
mod sessions;
mod settings;
mod signup;
mod usage;
mod usage_chart;
mod usage_data;
mod usage_list;
mod usage_tools;

pub(crate) use ask::Ask;
pub(crate) use costs::Costs;
pub(crate) use device::Device;
pub(crate) use devices::Devices;
pub(crate) use login::Login;
pub(crate) use not_found::NotFound;
pub(crate) use now::Now;
pub(crate) use settings::Settings;
pub(crate) use signup::Signup;
pub(crate) use usage::Usage;
