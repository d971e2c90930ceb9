//! Where code and models meet: for each protocol the mapping from what the code holds to what the model says.

pub(crate) mod lock_table;
pub(crate) mod two_phase;
