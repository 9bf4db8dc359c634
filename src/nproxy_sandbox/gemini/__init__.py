"""The Gemini API's wire: generateContent with images, and the listing of models."""
