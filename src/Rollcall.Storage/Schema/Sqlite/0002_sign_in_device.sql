-- What the operator's machine called itself when the sign-in began: a token that fell silent is renewed for that machine only.
ALTER TABLE sign_ins ADD COLUMN device_id TEXT;
