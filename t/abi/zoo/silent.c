/*
 * silent - a library without the symbol
 */
int silent(void);

__attribute__((visibility("default"))) int silent(void)
{
	return 1;
}
