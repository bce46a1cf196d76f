// The one place where what the gateway writes into the script is read.
export const served = SERVED;
