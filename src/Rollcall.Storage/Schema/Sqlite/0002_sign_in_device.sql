-- What the operator's machine called itself when the sign-in began: a token that fell silent is renewed for that machine only.
ALTER TABLE sign_ins ADD COLUMN device_id TEXT;

-- The address the sign-in came from, whatever the machine called itself; null when another console reported it.
ALTER TABLE sign_ins ADD COLUMN client_address TEXT;
