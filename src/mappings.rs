//! Where code and models meet: for each protocol the mapping from what the code holds to what the model says.

pub mod two_phase;
